"""What a learner calls, and what it shows.

calls      check, hint, solution, start, answer, quiz, progress
desk       the folder of an exercise, its answers, and the engine it is looked at with
records    what was reached, kept from one day to the next
report     an outcome, to read
marks      the little Markdown of hints
questions  what is asked, of the bank or of a file that goes with a notebook
quiz       the questions to read, and to answer in a widget
quizbox    the widget
overview   how far one has come
notice     a page's few lines of text and their frame
"""

"""What a learner calls, and what it shows.

calls      check, hint, solution, start, answer, quiz, progress
desk       the folder of an exercise, its answers, and the engine it is looked at with
records    what was reached, kept from one day to the next
report     an outcome, to read
marks      the little Markdown of hints
quizzes    what is asked, and a widget to answer it in
overview   how far one has come
notice     a page's few lines of text and their frame
"""

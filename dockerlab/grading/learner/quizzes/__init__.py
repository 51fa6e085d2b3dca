"""What leaves no state in an engine is asked.

questions  what is asked, of the bank or of a file that goes with a notebook
quiz       the questions to read, and what was answered
line       the call that asks them, and holds the answers
box        the widget to answer them in
"""

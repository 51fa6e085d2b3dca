"""A container's web page: where the browser finds it, what it says, why it does not answer.

address     which address the browser that shows the notebook has to take
answer      one request to a published port, and what came back
listening   what the programs in a container listen to
silence     why nothing answers, in a sentence and with a way out
calls       lab.open and lab.fetch
"""

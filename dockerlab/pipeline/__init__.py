"""Runs the pipeline of a commit, as Travis CI or GitHub Actions would: a process of its own.

    __main__   what starts it: a push's hook, or a cell; signals
    run        one run from its file to its end
    queue      one after the other, each with a number
    journal    how far it is: the record, the log
    listener   who waits for it, and may go away
    masking    secrets out of all that is written
    repository the commit's files, by git
    findings   secrets in the repository
    machine/   where commands run: this machine, or a container
    jobs/      the rules of Travis and of Actions
    deploy/    Elastic Beanstalk, through boto3

Jobs go one after the other, as with one machine at a CI: what they write never mixes, and what
they leave can be told to be theirs. Who looks at a run reads its record only.
"""

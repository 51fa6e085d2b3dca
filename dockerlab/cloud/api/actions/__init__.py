"""What can be asked of Elastic Beanstalk, by the names of its API of 2010-12-01.

An action is a function: it takes the call and the parameters that it knows, by AWS's names, and
returns the members of AWS's answer. A parameter that AWS has and the function has not is refused by
name, and so is an action that AWS has and the table has not.
"""

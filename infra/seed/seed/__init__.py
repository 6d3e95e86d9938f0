"""Examples to look at: public assistants, a workspace with members, conversations.

Everything goes through the public API, and everything is looked up before it is made: running the
seeder twice changes nothing, and one that was cut off goes on where it stopped.
"""

"""Who owes what to whom by when: the deadlines of the rules, opened by milestones, closed by what is done."""

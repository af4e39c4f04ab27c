"""What is written down: the audit log and its chain, the questions asked, the trainers' queue."""

"""How long a study takes: what earlier runs tell, what a short measurement tells, what fits into the time there is."""

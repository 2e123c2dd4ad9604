"""What a study looks like to those who follow it: its W&B workspace and report, and dashboards on this machine."""

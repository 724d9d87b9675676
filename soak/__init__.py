"""What needs a machine to itself: the service under load, judged by figures and not by tests."""

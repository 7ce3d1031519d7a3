"""The event stores that Requite is measured beside, each as its makers publish it."""

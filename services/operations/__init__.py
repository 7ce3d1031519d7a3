"""What those who run the service look at: metrics, traces, and how it stops."""

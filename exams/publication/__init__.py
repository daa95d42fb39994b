"""Why something was published: who, when, from where. Everything that is published names its entry."""

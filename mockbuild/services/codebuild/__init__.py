"""AWS CodeBuild: projects and builds."""

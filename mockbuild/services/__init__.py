"""What each operation of the two services does: one package a service, one file a resource."""

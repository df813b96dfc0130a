"""The menu Model and the dialog that brings one."""

"""The desktop around the window: notifications, progress in the title and the taskbar, no sleep during jobs."""

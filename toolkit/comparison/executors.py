from toolkit.comparison.execution import Executor as Tasks
from toolkit.comparison.execution import Folders, processes, threads_each
from toolkit.comparison.execution import SerialExecutor as inline

__all__ = ["Folders", "Tasks", "inline", "processes", "threads_each"]

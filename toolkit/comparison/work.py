from toolkit.comparison.cell import Fitted, Work, worker_work

__all__ = ["Fitted", "Work", "worker_work"]

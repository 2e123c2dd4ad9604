"""The step, the loop and all that they need; emits events and knows no tracker."""

"""How much GPU memory a worker of a study takes: `python -m dcgan.workers.launchers.memory STUDY` prints it as JSON.

A process of its own: the memory that it uses is freed when it ends.
"""

from __future__ import annotations

import json
import sys

import torch

from dcgan import data
from dcgan.experiment import Experiment
from dcgan.queue.study_extractor import Extractors
from dcgan.runs import environment
from dcgan.runs.evaluation import Evaluation
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import artefact_name
from dcgan.study import stored_plans
from dcgan.training.trainer import Trainer
from dcgan.workers.launchers.gpus import usable

_STEPS = 3  # the optimizers allocate their state in the first; by the third cuDNN has chosen its algorithms
CONTEXT = 600 * 2**20  # bytes that CUDA itself takes in each process, beside what PyTorch counts


def main(study: str) -> None:
    """Prints the free bytes of each usable GPU and the bytes that a worker needs for the study's largest arm."""
    plan = stored_plans.load(study)
    free = {gpu: torch.cuda.mem_get_info(gpu)[0] for gpu in usable(plan)}  # before anything is allocated
    arms = {trial.arm: trial.experiment for trial in plan.trials}
    devices = {name: environment.choose_device(experiment.compute.device) for name, experiment in arms.items()}
    extractors = Extractors(plan, None)  # they are in the study's folder before its workers are assigned to GPUs
    for name, experiment in arms.items():
        rehearse(experiment, devices[name], extractors)
    peak = max(torch.cuda.max_memory_reserved(device) for device in set(devices.values()))
    print(json.dumps({"free": free, "need": peak + CONTEXT}))


def rehearse(experiment: Experiment, device: torch.device, extractors: Extractors) -> None:
    """Does once what takes memory in a trial, a few steps and a score, and writes nothing."""
    environment.repeatable(device)  # as in a trial: other kernels need other workspaces
    dataset = data.load(experiment.data).to(device)
    trainer = Trainer(experiment, dataset.images["train"])
    for _ in range(_STEPS):
        trainer.step()
    given = extractors.find(artefact_name(experiment.score.extractor, dataset))
    Evaluation(experiment, Scorer.prepare(experiment.score, dataset, device, given)).along(
        trainer.players.evaluation_generator
    )


if __name__ == "__main__":
    main(sys.argv[1])

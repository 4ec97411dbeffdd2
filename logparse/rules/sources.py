"""What the tags in the rules' `Source:` paragraphs stand for."""

from __future__ import annotations

import re

SOURCES = {
    "AMP": "PyTorch documentation, automatic mixed precision",
    "AT": "AUTOTRAINER, doi 10.1109/TDSC.2024.3450951",
    "CK": "Cockpit, arXiv 2102.06604",
    "CS": "CS231n course notes, part 3",
    "DS": "DeepSpeed source, dynamic loss scaler",
    "HF": "a public report of a loss that fell to exactly zero under fp16",
    "ISS": "pytorch issues 2545, 7151, 119763, 47513; lightning 2644, 6254, 16881; keras 17022",
    "KER": "Keras 3 source, TerminateOnNaN",
    "KP": "A. Karpathy, A recipe for training neural networks, 2019",
    "LIT": "Lightning 2 source, EarlyStopping(check_finite)",
    "MAS": "Hyndman and Koehler, Another look at measures of forecast accuracy, 2006",
    "MEG": "Megatron-LM, pretrain_gpt",
    "MMD": "mmdetection issues on missing and repeated epochs",
    "PR": "L. Prechelt, Early stopping, but when?, 1998",
    "SMD": "Amazon SageMaker Debugger, built-in rules",
    "TDC": "TheDeepChecker, arXiv 2204.00694",
    "TOR": "PyTorch documentation, learning-rate schedulers",
    "TP": "Google Research, Deep learning tuning playbook",
    "UM": "UMLAUT, doi 10.1145/3411764.3445538",
}


def cited(paragraph: str) -> dict[str, str]:
    """The tags that a paragraph names, in order, with what they stand for."""
    tags = re.findall(r"\b[A-Z]{2,3}\b", paragraph)
    return {tag: SOURCES[tag] for tag in tags if tag in SOURCES}

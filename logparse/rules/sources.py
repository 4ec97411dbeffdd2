"""What the tags in the rules' `Source:` paragraphs stand for."""

from __future__ import annotations

import re

SOURCES = {
    "AMP": "PyTorch documentation, automatic mixed precision",
    "AT": "AUTOTRAINER, doi 10.1109/TDSC.2024.3450951",
    "BS": "BigScience, lessons learned from training large models",
    "CK": "Cockpit, arXiv 2102.06604",
    "CS": "CS231n course notes, part 3",
    "DL": "DeepLocalize, arXiv 2103.03376",
    "DS": "DeepSpeed source, dynamic loss scaler",
    "HF": "a public report of a loss that fell to exactly zero under fp16",
    "ISS": "pytorch issues 2545, 7151, 119763, 47513; lightning 2644, 6254, 16881; keras 17022",
    "KER": "Keras 3 source, TerminateOnNaN",
    "KP": "A. Karpathy, A recipe for training neural networks, 2019",
    "LCP": "Prior-fitted networks for learning curves, arXiv 2310.20447",
    "LIT": "Lightning 2 source, EarlyStopping(check_finite)",
    "MAS": "Hyndman and Koehler, Another look at measures of forecast accuracy, 2006",
    "MEG": "Megatron-LM, pretrain_gpt",
    "MMD": "mmdetection issues on missing and repeated epochs",
    "MON": "a public training monitor: alarm when a step takes 1.25 times the usual time",
    "OLM": "OLMo-core, skip-step optimizer, arXiv 2501.00656",
    "OPT": "metaseq, chronicles of OPT-175B",
    "PAL": "PaLM, arXiv 2204.02311, section 5.1",
    "PR": "L. Prechelt, Early stopping, but when?, 1998",
    "SMD": "Amazon SageMaker Debugger, built-in rules",
    "STA": "S. Bekman, Machine learning engineering open book, training loss patterns",
    "TBP": "PyTorch profiler TensorBoard plugin, recommendations",
    "TDC": "TheDeepChecker, arXiv 2204.00694",
    "TFP": "TensorFlow profiler, input pipeline analyzer",
    "TOR": "PyTorch documentation, learning-rate schedulers",
    "TP": "Google Research, Deep learning tuning playbook",
    "UM": "UMLAUT, doi 10.1145/3411764.3445538",
    "WB": "wandb issues 4482, 2234, 7951, 9449 on resumed runs",
    "ZC": "ZClip, arXiv 2504.02507",
}


def cited(paragraph: str) -> dict[str, str]:
    """The tags that a paragraph names, in order, with what they stand for."""
    tags = re.findall(r"\b[A-Z]{2,3}\b", paragraph)
    return {tag: SOURCES[tag] for tag in tags if tag in SOURCES}

"""The legends that open a run log: what its lines mean, for who reads the file without us."""

_SNAPSHOT = (
    "SINGLE RUN DIAGNOSTIC FORMAT (explanatory)",
    "    BATCH_SHAPE B= groups= seq_len_full= feat= : samples, windows each, timesteps, features",
    "    MICRODETAIL ms: <k=v ...> : one batch measured before training, keys in sorted order",
    "    -> *_ms: milliseconds; *_mb: MiB; *bytes: binary units, rounded; None: not measured",
    "    -> expected_segments / num_segments: windows in the batch, and those that were forwarded",
    "    -> mean_seg_len: timesteps of an average window; segments_per_sec: windows a second",
    "    -> env, grads: versions and device; whether gradients reached the backbone and the head",
    "    -> group_nonzero_counts: tensors with a gradient, by optimizer group",
)
_HEAD = (
    "PER-EPOCH LOG FORMAT (explanatory):",
    "  E{ep:02d} : epoch, from 1",
    "  OPTS[{groups}:{lr,lr,lr}|cnts=[..]] : optimizer groups, learning rates of the first three,"
    " tensors in each group",
    "  GN[name=norm,..,TOT=norm] : gradient L2 norm by first name segment, and of all tensors; all"
    " gradients are the last batch's, before clipping",
    "  GD[med,p90,max] : spread of the tensors' gradient norms",
    "  UR[med,max] : spread of their update ratios, lr * gradient norm / max(weight norm, 1e-8)",
)
_MIDDLE = (
    "  TR[rmse,mae,r2] : training metrics in this order, then BASE_RMSE of the base head and"
    " DELTA_RMSE of both heads (nan without a delta head)",
    "  VAL[rmse,mae,r2] : the same on the validation split, then its BASE_RMSE",
    "  BASE_LOSS,DELTA_LOSS,DELTA_RATIO : mean losses of the two heads, delta over base; then both"
    " training RMSE again with more digits",
    "  SCHED_PCT : per cent of the planned optimizer steps that are done; empty when unplanned",
    "  SR : RMSE between predicted and true differences of successive windows",
    "  SL,HR : always 0, kept for readers of the format: these models have no hub",
    "  FMB : share of validation samples where the delta head helps",
    "  T,TP : seconds of the epoch, windows a second; GPU : most memory allocated so far",
    "  chk : 1 if the epoch BEFORE this one was saved as the best so far",
)
_LIST = (
    "  G/U=name:norm/ratio,.. : gradient norm and update ratio by falling norm; names are the last"
    " three segments, of equal names the largest norm is shown",
)
_RATES = {
    "F2": "  LR_MAIN,lr : learning rate of the first group when the epoch ends",
    "G": "  lr : learning rate of the first group when the epoch ends",
}
_TAIL = {
    "F2": (
        "  LAYER_GN[name:norm/ratio,..] : gradient norms of two tensors, ratio to the first epoch"
        " of this log",
        *_LIST,
    ),
    "G": (
        *_LIST,
        "  FEAT_TOP=name:weight,.. : input features by falling weight",
        "  CHKPT SAVED val= path= : this epoch was saved as the best so far; val is its RMSE",
    ),
}


def legend(dialect: str) -> list[str]:
    """The lines of both legends for dialect `F2` or `G`, a blank line between them."""
    return [*_SNAPSHOT, "", *_HEAD, _RATES[dialect], *_MIDDLE, *_TAIL[dialect]]

package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.adaptivesoftmax.cluster.NormalDistribution;

/**
 * Whether a model is fairer or less fair to a group than another one. The loss of the group, as a multiple of that of all tokens,
 * is found for both; the logarithm of their ratio is 0 if both treat the group alike. Its standard error is that of the bootstrap,
 * both models being resampled together; it is tested by its normal quantile, and the p-values of all groups of one comparison are
 * corrected by Holm ("A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979).
 *
 * @param group its name
 * @param lossRatio of the model: mean loss of the group / mean loss of all
 * @param lossRatioAgainst the same of the other model
 * @param ratio the first as a multiple of the second: above 1 the group is worse off, with an interval of this group alone
 * @param p two-sided, uncorrected
 * @param adjustedP corrected for the number of groups
 * @param warning whether the corrected p is below 0.05
 */
public record GroupDifference(
    String group,
    double lossRatio,
    double lossRatioAgainst,
    Figure ratio,
    double p,
    double adjustedP,
    boolean warning) {
  /** Of the groups that have a token. */
  static List<GroupDifference> of(TokenTally model, TokenTally other, LineGroups groups) {
    List<GroupDifference> tested = new ArrayList<>();
    for (int group = 0; group < groups.names().size(); group++) {
      int part = group + 1;
      // With one line there is nothing to resample: its replicates are all alike.
      if (model.lines(part) > 1 && model.lines(part) < model.lines(0)) {
        tested.add(of(model, other, part, groups.names().get(group)));
      }
    }
    return adjusted(tested);
  }

  private static GroupDifference of(TokenTally model, TokenTally other, int part, String name) {
    Resampled own = GroupRouting.lossRatio(model, part);
    Resampled others = GroupRouting.lossRatio(other, part);
    Resampled ratio = own.with(others, (a, b) -> a / b);
    Resampled log = ratio.map(Math::log);
    double error = log.deviation();
    // Two models that are one have no difference, and no error of it.
    double p =
        log.value() == 0 ? 1 : 2 * NormalDistribution.upperTail(Math.abs(log.value()) / error);
    return new GroupDifference(name, own.value(), others.value(), ratio.figure(), p, p, false);
  }

  /** Holm: the i-th smallest of n p-values times n − i, never below one before it. */
  static List<GroupDifference> adjusted(List<GroupDifference> tested) {
    List<GroupDifference> byP = new ArrayList<>(tested);
    byP.sort(Comparator.comparingDouble(GroupDifference::p));
    double adjusted = 0;
    List<GroupDifference> all = new ArrayList<>(tested);
    for (int i = 0; i < byP.size(); i++) {
      GroupDifference next = byP.get(i);
      adjusted = Math.min(1, Math.max(adjusted, (byP.size() - i) * next.p));
      all.set(tested.indexOf(next), next.withAdjustedP(adjusted));
    }
    return all;
  }

  private GroupDifference withAdjustedP(double value) {
    return new GroupDifference(
        group, lossRatio, lossRatioAgainst, ratio, p, value, value < Figure.ALPHA);
  }
}

package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which way the tokens of a group take through a model's output layer.
 *
 * @param group its name
 * @param lossRatio mean loss of the group's tokens, as a multiple of that of all tokens: above 1 the model serves the group worse
 * @param clusterShares share of the tokens in the shortlist and in each tail cluster, of the model itself: a full softmax has all
 *     tokens in its head
 * @param headAnswers share of tokens in whose place the most probable class is one of the shortlist, so that the head alone
 *     answers
 * @param microsecondsPerToken what reading and scoring a token takes, with the exact five best classes, on the machine that made
 *     the report: the median of some rounds, groups taking turns
 */
public record GroupRouting(
    String group,
    Figure lossRatio,
    List<Figure> clusterShares,
    Figure headAnswers,
    double microsecondsPerToken) {
  /** Copies the list. */
  public GroupRouting {
    clusterShares = List.copyOf(clusterShares);
  }

  static List<GroupRouting> of(TokenTally tally, LineGroups groups, double[] microseconds) {
    List<GroupRouting> all = new ArrayList<>();
    IntStream.range(0, groups.names().size())
        .filter(group -> tally.tokens(group + 1) > 0)
        .forEach(
            group ->
                all.add(
                    new GroupRouting(
                        groups.names().get(group),
                        lossRatio(tally, group + 1).figure(),
                        tally.clusterShares(group + 1).stream().map(Resampled::figure).toList(),
                        tally.headAnswers(group + 1).figure(),
                        microseconds[group])));
    return all;
  }

  static Resampled lossRatio(TokenTally tally, int part) {
    return tally.loss(part).with(tally.loss(0), (group, all) -> group / all);
  }
}

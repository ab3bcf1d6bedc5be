package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.lifecycle.ClusterShares;
import org.adaptivesoftmax.lifecycle.Drift;
import org.adaptivesoftmax.lifecycle.DriftAdvice;
import org.adaptivesoftmax.lifecycle.Figure;
import org.adaptivesoftmax.lifecycle.Migrations;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * How far text has moved, and what to do about it.
 *
 * @param model the version
 * @param figures how far
 * @param migrations words that would change cluster
 * @param advice {@code keep}, {@code rebucket} or {@code retrain}
 * @param reasons each threshold that is exceeded
 */
record DriftResult(
    String model,
    @JsonUnwrapped Figures figures,
    Moves migrations,
    String advice,
    List<Reason> reasons)
    implements CommandResult {
  private static final String ROW = "%-24s %9s   %s";

  /**
   * All but the words.
   *
   * @param jsDivergence of the words, in bits
   * @param linf the largest change of a word's share
   * @param unknownRate share of live words that the model does not know
   * @param sharesThen of the words in each cluster, in the model's own text
   * @param sharesNow the same in live text
   * @param expectedCostRatio of a training step, as a multiple of the planned cost
   */
  record Figures(
      Figure jsDivergence,
      Figure linf,
      Figure unknownRate,
      List<Figure> sharesThen,
      List<Figure> sharesNow,
      Figure expectedCostRatio) {}

  /**
   * Words that would change cluster.
   *
   * @param up share of the live words
   * @param down share of the model's own words
   * @param top those whose share has changed most
   */
  record Moves(Figure up, Figure down, List<Move> top) {}

  /**
   * A word that would change cluster.
   *
   * @param word the word
   * @param from its cluster: 0 for the shortlist, i for tail cluster i
   * @param to the cluster by its live count
   * @param shareThen of the model's own words
   * @param shareNow of the live words
   */
  record Move(String word, int from, int to, double shareThen, double shareNow) {}

  /**
   * A threshold that is exceeded.
   *
   * @param figure its name
   * @param low the least that it is
   * @param threshold what it exceeds
   * @param advice what that asks for
   */
  record Reason(String figure, double low, double threshold, String advice) {}

  static DriftResult of(Path version, Vocabulary words, Drift drift, DriftAdvice advice) {
    ClusterShares shares = drift.shares();
    Migrations migrations = drift.migrations();
    return new DriftResult(
        version.toString(),
        new Figures(
            drift.jsDivergence(),
            drift.linf(),
            drift.unknownNow(),
            shares.then(),
            shares.now(),
            drift.expectedCostRatio()),
        new Moves(
            migrations.up(),
            migrations.down(),
            migrations.top().stream().map(move -> of(words, move)).toList()),
        lowerCase(advice.action()),
        advice.reasons().stream()
            .map(
                reason ->
                    new Reason(
                        reason.figure(),
                        reason.low(),
                        reason.threshold(),
                        lowerCase(reason.action())))
            .toList());
  }

  private static Move of(Vocabulary words, Migrations.Move move) {
    return new Move(
        words.word(move.rank()), move.from(), move.to(), move.shareThen(), move.shareNow());
  }

  private static String lowerCase(DriftAdvice.Action action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("%-24s %s".formatted("model", model));
    lines.add(ROW.formatted("", "value", "95 in 100"));
    lines.add(plain("js divergence, bits", figures.jsDivergence));
    lines.add(percent("l-infinity distance", figures.linf));
    lines.add(percent("unknown words", figures.unknownRate));
    lines.add(plain("expected cost ratio", figures.expectedCostRatio));
    for (int i = 0; i < figures.sharesThen.size(); i++) {
      lines.add(percent(name(i) + ", then", figures.sharesThen.get(i)));
      lines.add(percent(name(i) + ", now", figures.sharesNow.get(i)));
    }
    lines.add(percent("would move up", migrations.up));
    lines.add(percent("would move down", migrations.down));
    for (Move move : migrations.top) {
      lines.add(
          "  %-22s %s to %s, %.3f %% to %.3f %%"
              .formatted(
                  move.word,
                  name(move.from),
                  name(move.to),
                  100 * move.shareThen,
                  100 * move.shareNow));
    }
    lines.add("%-24s %s".formatted("advice", advice));
    for (Reason reason : reasons) {
      lines.add(
          "  %s is at least %.4g, above %s: %s"
              .formatted(reason.figure, reason.low, reason.threshold, reason.advice));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String name(int cluster) {
    return cluster == 0 ? "shortlist" : "tail cluster " + cluster;
  }

  private static String plain(String name, Figure figure) {
    return ROW.formatted(
        name,
        "%.4f".formatted(figure.value()),
        "%.4f to %.4f".formatted(figure.low(), figure.high()));
  }

  private static String percent(String name, Figure figure) {
    return ROW.formatted(
        name,
        "%.2f %%".formatted(100 * figure.value()),
        "%.2f to %.2f %%".formatted(100 * figure.low(), 100 * figure.high()));
  }
}

package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adaptivesoftmax.training.StepProfile;
import org.jspecify.annotations.Nullable;

/**
 * The times of a language model's training steps.
 *
 * @param machine what computed
 * @param model that was trained
 * @param rounds number of timed rounds
 * @param measured by contender
 * @param profile where the time of the step with the adaptive softmax goes
 */
public record LanguageModelReport(
    Machine machine,
    Model model,
    int rounds,
    Map<Contender, Measured> measured,
    StepProfile profile) {
  /**
   * What computed.
   *
   * @param device that computed
   * @param threads that computed
   * @param environment each runtime with its version, and the settings it ran with
   */
  public record Machine(String device, int threads, Set<String> environment) {}

  /**
   * What was trained.
   *
   * @param vocabulary number of words
   * @param cutoffs of the adaptive softmax
   * @param tokens that a step learns from
   */
  public record Model(int vocabulary, List<Integer> cutoffs, int tokens) {}

  private static final String ROW = "%-14s %9s %20s %12s %8s%n";
  private static final String SHARE = "  %-34s %8.3f ms %6.1f %%%n";

  private record Fact(String name, double ms) {}

  private double tokensPerSecond(Measured of) {
    return model.tokens / of.medianMs() * 1e3;
  }

  /** How many times as long as our step a contender's takes; null if it was not measured. */
  private @Nullable Double ratio(Contender contender) {
    Measured ours = measured.get(Contender.OURS);
    Measured other = measured.get(contender);
    return ours == null || other == null ? null : other.ratioTo(ours);
  }

  /** What the step spends outside the graph. */
  private List<Fact> host() {
    return List.of(
        new Fact("input", profile.host().inputMs()),
        new Fact("copies", profile.host().copiesMs()),
        new Fact("call", profile.host().callMs()),
        new Fact("collections", profile.host().collectionsMs()));
  }

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %d threads, %s%n"
            .formatted(machine.device, machine.threads, String.join(", ", machine.environment)));
    text.append(
        "Language model of %,d words, cutoffs %s, steps of %d words. ms: median and quartiles of the rounds; x: median"
                .formatted(model.vocabulary, model.cutoffs, model.tokens)
            + " of the rounds' ratios.\n\n");
    text.append(ROW.formatted("", "ms", "quartiles", "tokens/s", "x ours"));
    measured.forEach(
        (contender, of) ->
            text.append(
                ROW.formatted(
                    contender,
                    "%.1f".formatted(of.medianMs()),
                    "%.1f..%.1f".formatted(of.quartilesMs().get(0), of.quartilesMs().get(1)),
                    "%,.0f".formatted(tokensPerSecond(of)),
                    "%.2f".formatted(ratio(contender)))));
    text.append("%nOur step, %.1f ms while profiled:%n".formatted(profile.stepMs()));
    for (Fact fact : host()) {
      text.append(SHARE.formatted(fact.name, fact.ms, 100 * fact.ms / profile.stepMs()));
    }
    text.append(
        SHARE.formatted(
            "the graph's operations, of these",
            (1 - profile.hostShare()) * profile.stepMs(),
            100 * (1 - profile.hostShare())));
    profile
        .operations()
        .forEach((part, share) -> text.append("    %-44s %6.1f %%%n".formatted(part, 100 * share)));
    text.append("  allocated on Java's heap: %.1f kB".formatted(profile.allocatedKb()));
    return text.toString();
  }

  /** Medians in milliseconds, tokens per second and shares; null for what was not measured. */
  @JsonValue
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("device", machine.device);
    json.put("threads", machine.threads);
    json.put("environment", machine.environment);
    json.put("vocabulary", model.vocabulary);
    json.put("cutoffs", model.cutoffs);
    json.put("tokens", model.tokens);
    json.put("rounds", rounds);
    for (Contender contender : List.of(Contender.OURS, Contender.FULL_SOFTMAX, Contender.PYTORCH)) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_ms", of == null ? null : of.medianMs());
      json.put(contender.key() + "_quartiles_ms", of == null ? null : of.quartilesMs());
      json.put(contender.key() + "_tokens_per_second", of == null ? null : tokensPerSecond(of));
    }
    json.put("full_softmax_to_ours", ratio(Contender.FULL_SOFTMAX));
    json.put("pytorch_to_ours", ratio(Contender.PYTORCH));
    Map<String, Double> shares = new LinkedHashMap<>();
    host().forEach(fact -> shares.put(fact.name, fact.ms / profile.stepMs()));
    json.put("host_share", profile.hostShare());
    json.put("host_shares", shares);
    json.put("allocated_kb", profile.allocatedKb());
    json.put("operation_shares", profile.operations());
    return json;
  }
}

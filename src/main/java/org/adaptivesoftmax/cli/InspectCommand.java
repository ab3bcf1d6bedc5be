package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.savedmodel.PublishedVersion.ContentInfo;
import org.adaptivesoftmax.savedmodel.PublishedVersion.GraphInfo;
import org.adaptivesoftmax.savedmodel.PublishedVersion.SignatureInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what an exported model holds, and makes sure that it is whole and answers. */
@Command(
    name = "inspect",
    description =
        "Write what an exported model holds, and make sure that its files fit their fingerprints"
            + " and its signatures answer their warm-up requests, an empty batch and a batch of"
            + " one. The model is loaded by a process of its own.")
final class InspectCommand implements Callable<CommandResult> {
  @Mixin private final ModelOption model = new ModelOption();
  @Mixin private final TrustOption trust = new TrustOption();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long the model may take to load and answer (default: ${DEFAULT-VALUE}).")
  private int timeout = 600;

  /** What was found, which passed every check. */
  private record Inspected(
      String model,
      List<Long> versions,
      @JsonUnwrapped GraphInfo graph,
      @JsonUnwrapped ContentInfo content,
      @Nullable List<Integer> cutoffs,
      Map<String, Object> provenance,
      List<Ancestor> lineage)
      implements CommandResult {
    static Inspected of(PublishedVersion version) {
      return new Inspected(
          version.model(),
          version.versions(),
          version.graph(),
          version.content(),
          version.cutoffs(),
          version.provenance(),
          version.lineage());
    }

    @Override
    public String text() {
      List<String> lines = new ArrayList<>();
      lines.add(line("model", model));
      lines.add(line("versions", versions));
      lines.add(line("TensorFlow", graph.tensorflow()));
      lines.add(line("tags", graph.tags()));
      lines.add(line("cutoffs", cutoffs == null ? "not told" : cutoffs));
      lines.add(line("weights SHA-256", fits(content.weightsSha256())));
      lines.add(line("files SHA-256", fits(content.filesSha256())));
      lineage.forEach(ancestor -> lines.add(line("made from", ancestor(ancestor))));
      lines.add("signatures");
      graph.signatures().forEach((key, signature) -> add(lines, key, signature));
      lines.add("variables");
      graph
          .variables()
          .forEach(
              (name, variable) ->
                  lines.add(
                      "  %-40s %s %s, %,d bytes"
                          .formatted(name, variable.type(), variable.shape(), variable.bytes())));
      lines.add("files, %,d bytes".formatted(content.bytes()));
      content.files().forEach((file, bytes) -> lines.add("  %-40s %,d".formatted(file, bytes)));
      lines.add("provenance");
      provenance.forEach((key, value) -> lines.add("  %-40s %s".formatted(key, value)));
      return String.join(System.lineSeparator(), lines);
    }

    private static String ancestor(Ancestor ancestor) {
      String weights = ancestor.weightsSha256();
      return ancestor.model()
          + "/"
          + ancestor.version()
          + (weights == null ? "" : ", weights SHA-256 " + weights);
    }

    private static String fits(@Nullable String sum) {
      return sum == null ? "not told" : sum + ", fits";
    }

    private void add(List<String> lines, String key, SignatureInfo signature) {
      int requests = content.warmUpRequests().getOrDefault(key, 0);
      lines.add(
          "  %s, %s, %s"
              .formatted(
                  key,
                  signature.method(),
                  requests == 0
                      ? "not asked, as it has no warm-up request"
                      : "answers %d warm-up requests and batches of 0 and 1".formatted(requests)));
      signature.inputs().forEach((name, value) -> lines.add("    in   " + name + " " + value));
      signature.outputs().forEach((name, value) -> lines.add("    out  " + name + " " + value));
    }

    private static String line(String name, Object value) {
      return "%-16s %s".formatted(name, value);
    }
  }

  @Override
  public CommandResult call() throws IOException, InterruptedException {
    LearningOptions.atLeast1("--timeout", timeout);
    PublishedVersion version = PublishedVersion.readIntact(model.directory());
    VersionProcess.check(Path.of(version.model()), trust.trusted(), Duration.ofSeconds(timeout));
    return Inspected.of(version);
  }
}

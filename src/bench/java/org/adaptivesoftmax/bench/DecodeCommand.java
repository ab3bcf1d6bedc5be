package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench decode}. */
@Command(
    name = "decode",
    description = {
      "Time the exact top k of a layer of 267,735 classes, and of a language model's, against a full softmax.",
      "Every contender runs in a process of its own, in turn with the others. The result is also written to"
          + " target/bench/decode.json."
    })
final class DecodeCommand implements Callable<CommandResult> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Also time the output layer of this language model, on its own hidden states.")
  private @Nullable Path model;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,2,4,8,16,32,64,256",
      description = "Numbers of rows. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches = List.of(1, 2, 4, 8, 16, 32, 64, 256);

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "10",
      description = "How many classes. Default: ${DEFAULT-VALUE}.")
  private int k = 10;

  @Mixin private final ContenderOptions contenders = new ContenderOptions();

  @Override
  public CommandResult call() throws Exception {
    DecodeReport report =
        new DecodeBench(
                model == null ? null : new ModelDirectory(model),
                batches,
                k,
                contenders.python(),
                contenders.rounds,
                contenders.threads)
            .run();
    return BenchResult.of(report.text(), report);
  }
}

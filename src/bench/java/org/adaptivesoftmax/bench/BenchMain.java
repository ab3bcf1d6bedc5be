package org.adaptivesoftmax.bench;

import java.util.List;
import org.adaptivesoftmax.bench.tables.TablesCommand;
import org.adaptivesoftmax.cli.Main;

/** The command {@code adaptive-softmax} with the benchmarks and the study, for work on the project itself. */
public final class BenchMain {
  /** The commands beside the library's. */
  public static final List<Class<?>> COMMANDS =
      List.of(BenchCommand.class, AsSoftmaxStudyCommand.class, TablesCommand.class);

  private BenchMain() {}

  /** As {@link Main#main(String[])}. */
  public static void main(String[] args) {
    System.setProperty(Measurement.COMMAND, "tools/adaptive-softmax " + String.join(" ", args));
    Main.main(args, COMMANDS);
  }
}

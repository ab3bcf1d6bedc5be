package org.adaptivesoftmax.bench;

import java.util.List;
import org.adaptivesoftmax.cli.Main;

/** The command {@code adaptive-softmax} with the benchmarks and the study, for work on the project itself. */
public final class BenchMain {
  static final List<Class<?>> COMMANDS = List.of(BenchCommand.class, AsSoftmaxStudyCommand.class);

  private BenchMain() {}

  /** As {@link Main#main(String[])}. */
  public static void main(String[] args) {
    Main.main(args, COMMANDS);
  }
}

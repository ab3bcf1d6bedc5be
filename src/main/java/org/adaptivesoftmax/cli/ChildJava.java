package org.adaptivesoftmax.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Another Java process with the options and the classes of this one. */
final class ChildJava {
  private ChildJava() {}

  /** The start of its command line; arguments of the main class follow. */
  static List<String> command(Class<?> mainClass, String... options) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-X") || option.startsWith("-D")) {
        command.add(option);
      }
    }
    command.addAll(Arrays.asList(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
    return command;
  }
}

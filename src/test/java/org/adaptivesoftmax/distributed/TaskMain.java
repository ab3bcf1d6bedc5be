package org.adaptivesoftmax.distributed;

import java.time.Duration;

/** A process that is a task and does nothing but serve, until its input ends. */
final class TaskMain {
  private TaskMain() {}

  public static void main(String[] args) throws Exception {
    ClusterTask.start(
        FreePorts.split(args[0]),
        ClusterDefinition.COMPUTE,
        Integer.parseInt(args[1]),
        Duration.ofSeconds(30),
        1);
    while (System.in.read() >= 0) {
      // Whoever started this is still there.
    }
    Runtime.getRuntime().halt(0);
  }
}

package org.adaptivesoftmax.cli;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;

/**
 * The first session of the process. It decides how many threads TensorFlow has, for all later sessions too: they share its
 * pools of threads. And TensorFlow logs two lines in it, through Abseil and so whatever {@code TF_CPP_MIN_LOG_LEVEL} says:
 * they are kept off standard error, which leads nowhere while the session runs.
 */
final class FirstSession {
  private static final int STANDARD_ERROR = 2;
  private static final int WRITE_ONLY = 1;

  private static boolean passed;

  private FirstSession() {}

  /** A command that says how many threads TensorFlow has. */
  interface Threaded {
    /** At least 1; 0 for as many as there are processors. */
    int threads();
  }

  /** The C library's file descriptors. */
  private interface Descriptors extends Library {
    int dup(int descriptor);

    int dup2(int from, int to);

    int open(String path, int flags);

    int close(int descriptor);
  }

  /**
   * Runs it, unless that was done. Loads TensorFlow.
   *
   * @param threads that TensorFlow has; 0 for as many as there are processors
   */
  static synchronized void run(int threads) {
    if (passed) {
      return;
    }
    passed = true;
    TensorFlow.version();
    if (NativeEnvironment.logLevel() == 0 || Platform.isWindows()) {
      compute(threads);
      return;
    }
    try {
      runQuietly(Native.load(Platform.C_LIBRARY_NAME, Descriptors.class), threads);
    } catch (LinkageError e) {
      // Without JNA's own library there are two more lines to read, and all else works.
      compute(threads);
    }
  }

  private static void runQuietly(Descriptors descriptors, int threads) {
    int kept = descriptors.dup(STANDARD_ERROR);
    int nowhere = descriptors.open("/dev/null", WRITE_ONLY);
    boolean quiet = kept >= 0 && nowhere >= 0;
    if (quiet) {
      descriptors.dup2(nowhere, STANDARD_ERROR);
    }
    try {
      compute(threads);
    } finally {
      if (quiet) {
        descriptors.dup2(kept, STANDARD_ERROR);
      }
      descriptors.close(nowhere);
      descriptors.close(kept);
    }
  }

  private static void compute(int threads) {
    ConfigProto config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(threads)
            .setInterOpParallelismThreads(threads)
            .build();
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      session.runner().fetch(Ops.create(graph).constant(0)).run().close();
    }
  }
}

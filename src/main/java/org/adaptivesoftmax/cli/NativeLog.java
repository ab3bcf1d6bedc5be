package org.adaptivesoftmax.cli;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;

/**
 * Keeps two lines off standard error that TensorFlow logs in the first session of a process, through Abseil and so
 * whatever {@code TF_CPP_MIN_LOG_LEVEL} says: a session runs while standard error leads nowhere.
 */
final class NativeLog {
  private static final int STANDARD_ERROR = 2;
  private static final int WRITE_ONLY = 1;

  private static boolean passed;

  private NativeLog() {}

  /** The C library's file descriptors. */
  private interface Descriptors extends Library {
    int dup(int descriptor);

    int dup2(int from, int to);

    int open(String path, int flags);

    int close(int descriptor);
  }

  /** Runs the first session, once, unless information is to be logged. Loads TensorFlow. */
  static synchronized void passFirstSession() {
    if (passed || NativeEnvironment.logLevel() == 0 || Platform.isWindows()) {
      return;
    }
    passed = true;
    TensorFlow.version();
    try {
      passFirstSession(Native.load(Platform.C_LIBRARY_NAME, Descriptors.class));
    } catch (LinkageError e) {
      // Without JNA's own library there are two more lines to read, and all else works.
      return;
    }
  }

  private static void passFirstSession(Descriptors descriptors) {
    int kept = descriptors.dup(STANDARD_ERROR);
    int nowhere = descriptors.open("/dev/null", WRITE_ONLY);
    if (kept >= 0 && nowhere >= 0) {
      descriptors.dup2(nowhere, STANDARD_ERROR);
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        session.runner().fetch(Ops.create(graph).constant(0)).run().close();
      } finally {
        descriptors.dup2(kept, STANDARD_ERROR);
      }
    }
    descriptors.close(nowhere);
    descriptors.close(kept);
  }
}

package org.adaptivesoftmax.cli;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Map;
import org.adaptivesoftmax.internal.graph.ProcessorCheck;

/**
 * Environment variables that TensorFlow's native library reads when it is loaded, set from inside the process: Java itself
 * cannot change its environment, and {@code mvn exec:java} starts no process to give one to. The launcher sets the same
 * variables before Java starts.
 */
final class NativeEnvironment {
  private static final String LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL";
  private static final int DEFAULT_LOG_LEVEL = 2;

  /** oneDNN's operations, which TensorFlow leaves off on some processors: see {@link ProcessorCheck}. */
  private static final String ONE_DNN = "TF_ENABLE_ONEDNN_OPTS";

  /** The defaults: errors alone are logged; oneDNN's operations are used. */
  private static final Map<String, String> DEFAULTS =
      Map.of(LOG_LEVEL, "" + DEFAULT_LOG_LEVEL, ONE_DNN, "1");

  /** JavaCPP's limit of the process's memory, by default four times Java's heap: weights may need more. */
  private static final String MEMORY_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

  private NativeEnvironment() {}

  /** Sets the defaults of what is not set. Has no effect once TensorFlow is loaded. */
  static void setDefaults() {
    DEFAULTS.forEach(NativeEnvironment::setDefault);
    if (System.getProperty(MEMORY_LIMIT) == null) {
      System.setProperty(MEMORY_LIMIT, "0"); // no limit
    }
  }

  /** The least severity that TensorFlow logs: 0 information, 1 warnings, 2 errors, 3 fatal errors. */
  static int logLevel() {
    String level = System.getenv(LOG_LEVEL);
    if (level == null) {
      return DEFAULT_LOG_LEVEL;
    }
    return level.matches("[0-3]") ? Integer.parseInt(level) : 0;
  }

  /** Sets a variable for native code, unless the process was started with it. */
  static void setDefault(String name, String value) {
    if (System.getenv(name) != null || Platform.isWindows()) {
      return;
    }
    try {
      Function setenv = Function.getFunction(Platform.C_LIBRARY_NAME, "setenv");
      setenv.invokeInt(new Object[] {name, value, 0});
      if (name.equals(ONE_DNN)) {
        ProcessorCheck.variableIsSet();
      }
    } catch (LinkageError e) {
      // Everything works without these variables, more slowly and with more to read.
      return;
    }
  }
}

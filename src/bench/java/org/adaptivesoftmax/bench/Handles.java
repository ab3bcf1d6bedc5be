package org.adaptivesoftmax.bench;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.bytedeco.javacpp.Pointer;

/** What this process has of TensorFlow's native objects. */
final class Handles {
  /** By the class of its handle in Java. */
  private static final Map<String, String> KINDS =
      Map.of(
          "TF_Tensor", "tensors",
          "TF_Session", "sessions",
          "TF_Graph", "graphs",
          "TF_Function", "functions",
          "TF_Status", "statuses",
          "TF_Buffer", "buffers");

  /** A line of HotSpot's class histogram: rank, instances, bytes, class. */
  private static final Pattern LINE =
      Pattern.compile(
          "\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+org\\.tensorflow\\.internal\\.c_api\\.(\\w+).*");

  private Handles() {}

  /**
   * Counts. What JavaCPP still has to free is counted before the garbage collector runs: what nobody closed counts too.
   */
  static Map<String, Long> count() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("javacpp_pointers", Pointer.totalCount());
    counts.put("javacpp_bytes", Pointer.totalBytes());
    counts.putAll(reachable());
    return counts;
  }

  private static Map<String, Long> reachable() {
    Map<String, Long> counts = new LinkedHashMap<>();
    KINDS.values().stream().sorted().forEach(kind -> counts.put(kind, 0L));
    for (String line : histogram().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      String kind = matcher.matches() ? KINDS.get(matcher.group(2)) : null;
      if (kind != null) {
        counts.put(kind, Long.valueOf(matcher.group(1)));
      }
    }
    return counts;
  }

  /** Of the objects that are reachable. */
  private static String histogram() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {null},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException("this JVM has no class histogram", e);
    }
  }
}

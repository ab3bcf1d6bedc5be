package org.adaptivesoftmax.distributed;

import java.io.IOException;
import java.util.List;

/** Addresses on this machine that nobody listens on. */
public final class FreePorts {
  private FreePorts() {}

  public static ClusterDefinition cluster(int replicas) throws IOException {
    return ClusterDefinition.ofReplicas(LoopbackAddresses.free(replicas));
  }

  /** As one argument of a process. */
  static String joined(ClusterDefinition cluster) {
    return String.join(",", cluster.replicas());
  }

  static ClusterDefinition split(String joined) {
    return ClusterDefinition.ofReplicas(List.of(joined.split(",")));
  }
}

package org.adaptivesoftmax.distributed;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Which addresses TensorFlow's server may be told to listen for. It is neither encrypted nor does it ask who calls, and it
 * runs what it is sent: whoever reaches the port runs code as its user.
 */
public final class NetworkTrust {
  /** What a launcher says wherever it starts a server. */
  public static final String WARNING =
      "TensorFlow's server listens on all interfaces, unencrypted: whoever reaches its port runs code as this user";

  private static final int UNIQUE_LOCAL_BITS = 0xfe;
  private static final int UNIQUE_LOCAL = 0xfc;

  private NetworkTrust() {}

  /**
   * Checks that every task's address is loopback or private: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7, or
   * link-local.
   *
   * @throws IllegalArgumentException if one is not, or is unknown
   */
  public static void requirePrivate(ClusterDefinition cluster) {
    for (List<String> addresses : cluster.jobs().values()) {
      for (String address : addresses) {
        requirePrivate(address);
      }
    }
  }

  private static void requirePrivate(String address) {
    try {
      for (InetAddress each : InetAddress.getAllByName(ClusterDefinition.host(address))) {
        Require.argument(
            isPrivate(each),
            "%s is neither a loopback nor a private address, and whoever reaches it runs code here:"
                + " give --i-trust-this-network if nobody else can",
            address);
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("unknown host in a cluster: " + address, e);
    }
  }

  private static boolean isPrivate(InetAddress address) {
    boolean uniqueLocal =
        address instanceof Inet6Address
            && (address.getAddress()[0] & UNIQUE_LOCAL_BITS) == UNIQUE_LOCAL;
    return address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || uniqueLocal;
  }
}

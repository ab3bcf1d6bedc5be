package org.adaptivesoftmax.distributed;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Addresses for tasks on this machine. */
public final class LoopbackAddresses {
  private LoopbackAddresses() {}

  /**
   * Addresses that nobody listens on. Another process may take one before the task does, whose server then fails to start.
   *
   * @param count how many
   * @throws IOException if there are none
   */
  public static List<String> free(int count) throws IOException {
    List<ServerSocket> taken = new ArrayList<>();
    try {
      List<String> addresses = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        // On all interfaces, as TensorFlow will; all at once, so that each is another.
        ServerSocket socket = new ServerSocket(0);
        taken.add(socket);
        addresses.add("localhost:" + socket.getLocalPort());
      }
      return addresses;
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
  }
}

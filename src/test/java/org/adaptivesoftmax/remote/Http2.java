package org.adaptivesoftmax.remote;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of HTTP/2, as a gRPC server writes them (RFC 9113 and 7541). */
final class Http2 {
  static final byte END_STREAM = 1;
  private static final int HEADER = 9;
  private static final byte END_HEADERS = 4;
  private static final byte DATA = 0;
  private static final byte HEADERS = 1;
  private static final byte SETTINGS = 4;

  /** The first that the client opens. */
  private static final int STREAM = 3;

  private Http2() {}

  /** Reads the client's frames up to the end of its request. */
  static void readRequest(InputStream in) throws IOException {
    boolean ended = false;
    while (!ended) {
      byte[] header = in.readNBytes(HEADER);
      if (header.length < HEADER) {
        throw new EOFException();
      }
      in.skipNBytes(ByteBuffer.wrap(header).getInt() >>> 8);
      boolean ofStream = header[3] == DATA || header[3] == HEADERS;
      ended = ofStream && (header[4] & END_STREAM) != 0;
    }
  }

  static byte[] settings() {
    return frame(SETTINGS, (byte) 0, 0, new byte[0]);
  }

  /** Status 200 and a content type. */
  static byte[] answer(String contentType) {
    byte[] type = contentType.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer block = ByteBuffer.allocate(4 + type.length);
    // :status 200 is entry 8 of the static table, content-type the name of entry 31.
    block.put((byte) 0x88).put((byte) 0x0f).put((byte) 0x10).put((byte) type.length).put(type);
    return frame(HEADERS, END_HEADERS, STREAM, block.array());
  }

  /** A gRPC message that says how long it is. */
  static byte[] message(int length, byte... content) {
    ByteBuffer message = ByteBuffer.allocate(5 + content.length);
    message.put((byte) 0).putInt(length).put(content);
    return frame(DATA, (byte) 0, STREAM, message.array());
  }

  static byte[] data(byte flags, String text) {
    return frame(DATA, flags, STREAM, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The end of a call that went well. */
  static byte[] ok() {
    byte[] name = "grpc-status".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer block = ByteBuffer.allocate(4 + name.length);
    block.put((byte) 0).put((byte) name.length).put(name).put((byte) 1).put((byte) '0');
    return frame(HEADERS, (byte) (END_HEADERS | END_STREAM), STREAM, block.array());
  }

  private static byte[] frame(byte type, byte flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    return frame.put(type).put(flags).putInt(stream).put(payload).array();
  }
}

package org.adaptivesoftmax.bench;

import com.google.common.io.ByteStreams;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.tensorflow.Signature;

/** One connection of a client that costs as little as it can: what it sends was made before, what it gets is not read. */
interface ServeCaller extends AutoCloseable {
  /** Asks and waits for the answer. */
  void call(int request) throws IOException;

  @Override
  void close() throws IOException;

  /** A thread of the process that has the model. */
  static ServeCaller inJvm(LocalVersion version, ServeInputs inputs) {
    return new ServeCaller() {
      @Override
      public void call(int request) {
        version.run(Signature.DEFAULT_KEY, inputs.row(request));
      }

      @Override
      public void close() {
        // The version is others' too.
      }
    };
  }

  static ServeCaller grpc(String target, List<byte[]> messages) {
    ManagedChannel channel = NettyChannelBuilder.forTarget(target).usePlaintext().build();
    MethodDescriptor<byte[], byte[]> predict =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(PredictionServiceGrpc.getPredictMethod().getFullMethodName())
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    return new ServeCaller() {
      @Override
      public void call(int request) {
        ClientCalls.blockingUnaryCall(
            channel, predict, CallOptions.DEFAULT, messages.get(request % messages.size()));
      }

      @Override
      public void close() {
        channel.shutdownNow();
      }
    };
  }

  /** Messages as they are. */
  final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return ByteStreams.toByteArray(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static ServeCaller rest(String target, List<byte[]> requests) throws IOException {
    int colon = target.lastIndexOf(':');
    Socket socket =
        new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    return new ServeCaller() {
      @Override
      public void call(int request) throws IOException {
        socket.getOutputStream().write(requests.get(request % requests.size()));
        String status = line(in);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
          if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
          }
        }
        byte[] body = in.readNBytes(length);
        if (!status.startsWith("HTTP/1.1 200 ")) {
          throw new IOException(status + ": " + new String(body, StandardCharsets.UTF_8));
        }
      }

      @Override
      public void close() throws IOException {
        socket.close();
      }
    };
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server has closed the connection");
      } else if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}

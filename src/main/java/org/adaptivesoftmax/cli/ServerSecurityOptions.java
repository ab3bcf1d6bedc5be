package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.server.ModelServerBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of a server that others than this machine's own users may reach. */
final class ServerSecurityOptions {
  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "PEM file of the server's certificate: both ports are encrypted.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "PEM file of its private key, PKCS #8 without a password.")
  private @Nullable Path key;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "File with the bearer token that requests must bring.")
  private @Nullable Path token;

  boolean encrypts() {
    return certificate != null;
  }

  void apply(ModelServerBuilder builder) throws IOException {
    Require.argument(
        (certificate == null) == (key == null),
        "--tls-certificate and --tls-key go together: %s",
        certificate == null ? key : certificate);
    if (certificate != null && key != null) {
      builder.tls(certificate, key);
    }
    if (token != null) {
      builder.token(token);
    }
  }
}

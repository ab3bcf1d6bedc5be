package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** A certificate for localhost that it has signed itself, and its key, as PEM files. */
record Certificates(Path certificate, Path key) {
  private static final String PASSWORD = "password";

  static Certificates make(Path directory, String algorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = directory.resolve(algorithm + ".p12");
    Path certificate = directory.resolve(algorithm + "-certificate.pem");
    keytool(
        store,
        "-genkeypair -alias server -keyalg %s -dname CN=localhost -ext SAN=DNS:localhost,IP:127.0.0.1"
            .formatted(algorithm));
    keytool(store, "-exportcert -alias server -rfc -file " + certificate);
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    byte[] key = loaded.getKey("server", PASSWORD.toCharArray()).getEncoded();
    String pem =
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                    .encodeToString(key));
    return new Certificates(
        certificate, Files.writeString(directory.resolve(algorithm + "-key.pem"), pem));
  }

  private static void keytool(Path store, String arguments)
      throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String all = tool + " " + arguments + " -storetype PKCS12 -storepass " + PASSWORD;
    Process process =
        new ProcessBuilder((all + " -keystore " + store).split(" ", -1)).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }
}

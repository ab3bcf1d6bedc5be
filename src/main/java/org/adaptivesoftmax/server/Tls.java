package org.adaptivesoftmax.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.adaptivesoftmax.internal.io.Require;

/**
 * A server's certificate and key.
 *
 * @param certificate PEM file of the certificate, and of those that signed it
 * @param key PEM file of its private key, as PKCS #8 without a password
 */
record Tls(Path certificate, Path key) {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  /**
   * What an HTTPS server needs.
   *
   * @throws IllegalArgumentException if a file is not what it should be
   */
  SSLContext context() throws IOException {
    try (InputStream in = Files.newInputStream(certificate)) {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(Certificate[]::new);
      Require.argument(chain.length > 0, "no PEM certificates: %s", certificate);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", privateKey(), new char[0], chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "no TLS with certificate %s and key %s: %s".formatted(certificate, key, e.getMessage()),
          e);
    }
  }

  private PrivateKey privateKey() throws IOException, GeneralSecurityException {
    String pem = Files.readString(key);
    int begin = pem.indexOf(BEGIN);
    int end = pem.indexOf(END);
    Require.argument(
        begin >= 0 && end > begin, "no PEM private key (PKCS #8, without a password): %s", key);
    byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        // Of another kind.
      }
    }
    throw new IllegalArgumentException("private key must be of RSA, EC or Ed25519: " + key);
  }
}

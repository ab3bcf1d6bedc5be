package org.adaptivesoftmax.remote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/** Which servers a client trusts. */
final class Trust {
  private final List<TrustManager> managers;

  private Trust(@Nullable KeyStore certificates) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(certificates);
    managers = List.of(factory.getTrustManagers());
  }

  static Trust ofSystem() {
    try {
      return new Trust(null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no default trust store", e);
    }
  }

  /**
   * @throws IllegalArgumentException if the file holds no PEM certificates
   */
  static Trust of(Path pem) throws IOException {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      Require.argument(!certificates.isEmpty(), "no certificates: %s", pem);
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate : certificates) {
        store.setCertificateEntry(Integer.toString(store.size()), certificate);
      }
      return new Trust(store);
    } catch (CertificateException e) {
      throw new IllegalArgumentException("no PEM certificates: " + pem, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("certificates cannot be trusted: " + pem, e);
    }
  }

  TrustManager[] managers() {
    return managers.toArray(TrustManager[]::new);
  }

  SSLContext sslContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no TLS", e);
    }
  }
}

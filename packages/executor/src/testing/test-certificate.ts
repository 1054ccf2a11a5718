/** A key and its certificate, in PEM format. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for `localhost` and 127.0.0.1 that is valid until 2126. Its key is public: use it in tests only. */
export const TEST_CERTIFICATE: TestCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8VUQbYJSDph/Nm9r
Ya7k58apA4STWUHd2VhLaz30nOqhRANCAASzgNR1xiL3ZdzMPEQwEJRvw5OOIS/C
MHN3uW2o/5MDtfpnLV9XZX11oteZZrq90byPlpWXxbtzGiQlW/S6AfAR
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUQyNUM15r5LXyPzD+4Ko7vC8IfoMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE0MzgzNVoYDzIxMjYxMTA1
MTQzODM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASzgNR1xiL3ZdzMPEQwEJRvw5OOIS/CMHN3uW2o/5MDtfpnLV9XZX11
oteZZrq90byPlpWXxbtzGiQlW/S6AfARo28wbTAdBgNVHQ4EFgQUCDqEmdcXJeNy
P+MrM9c0zvLtTzcwHwYDVR0jBBgwFoAUCDqEmdcXJeNyP+MrM9c0zvLtTzcwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhANzthPJXSeT0E/aBMrazaHSdEHe3IICu5quWevZnfoc7AiEA
tXLUovFAqvTz0oBhXABQ6Q1EnAProqWkSlJM4JUk2bg=
-----END CERTIFICATE-----`,
};

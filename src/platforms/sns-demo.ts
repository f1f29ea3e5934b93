/**
 * The pair that signs samples where nobody can sign as Amazon: demo and tests. Everybody can read it, so the mark in the
 * first line, which PEM skips, makes the relay refuse it beside a Seam credential. The example file has the same.
 */
export const demoCertificate = `demo-only
-----BEGIN CERTIFICATE-----
MIIBoDCCAQmgAwIBAgIBATANBgkqhkiG9w0BAQsFADAUMRIwEAYDVQQDDAlkZW1v
LW9ubHkwIhgPMjAyMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAG
A1UEAwwJZGVtby1vbmx5MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDGnz6Q
A0JOZDJdLiy81vEOtpauec1b6QafZwUVHIrRv+KvKd1QDGsHlt3SSwM0rFV9/MXJ
IUiEWkT7gcQ4vSUEZdB1X1MfnBLsYVwAKVN9WzWmMvvSrz4fv/NjlT170b08aL0R
w3n/4xFBZeFYyh2UWTl0+bNuvanKHZfSBqp9LwIDAQABMA0GCSqGSIb3DQEBCwUA
A4GBAMPUx12N2r8GoppdEIsQ7aQmoIHoOntEeq/ULbuEGLeBTCLQ6AqLCGfH41fX
6gExEoFFFKRTwT6eriHs13LGICrtovwqYb8qkDRZDmHDthBStwYSRK8ScTZ1eu3P
nfzeokqGDY5iTheoBUECaLGOag6vLDQeep/i6VyYn3LmJlzh
-----END CERTIFICATE-----
`

export const demoPrivateKey = `demo-only
-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMafPpADQk5kMl0u
LLzW8Q62lq55zVvpBp9nBRUcitG/4q8p3VAMaweW3dJLAzSsVX38xckhSIRaRPuB
xDi9JQRl0HVfUx+cEuxhXAApU31bNaYy+9KvPh+/82OVPXvRvTxovRHDef/jEUFl
4VjKHZRZOXT5s269qcodl9IGqn0vAgMBAAECgYEAgT5cAm/sdIAkeZezSsn+n9lW
IYBmjbkLMyxhFUS2XBgllF+EgDMkbhLQkqd3FY5SLyINPXxn6J+opZPiMB17+MJn
W5HO2HD/CoOTjeNJevsVaOxlY9+PNNqDzC9uX2SBsIHjl/pM/BGhtavj7sRf2RRf
TVjG5mRMfbYglJqO+6kCQQD7cMP1s7RyhAjhooxkr+zKtC35wtHnPRSPrskudSl6
vJWY0/dm1Odj27t/bt112+5Rm4wkATllOEKiTJoE9NLFAkEAyjlJIfSySAnrB29X
gC8XiiVrONrHD/ApIJ7AsY2Z0ytKirTxe1UsxYGP1OWLU03kXTS837tTdKDkqcki
Y4y/YwJAVfeVGEGL1YdtHfAcfiRkGl4GRhmk+KG6kPGamUa3mt41a541PTRXtJ2g
+o3mK/C5B6/d90Vv4TqeFa2JD17BXQJAIUT3cSyuwAdRsXFx9dbJiqLJVxs3MLoU
Khe0IAHp0sIGi3dlWyMSMJQ2M5JoL5ZbAbKReEV7X26w7/X1QGeBfQJANLcQNgDn
8hAWOIjsB1p3f5T6ujALCHRDIR4ub1xmewejZcuy+0k4CHWhCjxZ47LkAS1BmHDi
x+5/bWnqpSwZBg==
-----END PRIVATE KEY-----
`

//! Validators: checksums and structure of identifiers, one file each.

mod ad_nrt;
mod ae_eid;
mod air_waybill;
mod al_nid;
mod ar_cbu;
mod ar_cuit;
mod at_svnr;
mod at_tin;
mod at_uid;
mod au_abn;
mod au_acn;
mod au_medicare;
mod au_provider;
mod au_tfn;
mod aws_key_id;
mod az_voen;
mod baltic_personal_code;
mod base58check;
mod be_bis;
mod be_mod97;
mod be_nn;
mod be_ssn;
mod be_vat;
mod bech32;
mod bg_egn;
mod bg_eik;
mod bg_lnch;
mod bg_vat;
mod bic;
mod bitcoin_address;
mod br_cnh;
mod br_cnpj;
mod br_cns;
mod br_cpf;
mod br_pis;
mod br_renavam;
mod br_titulo;
mod by_pn;
mod by_unp;
mod ca_bc_phn;
mod ca_bn;
mod ca_sin;
mod cas_number;
mod cashaddr;
mod ch_esr;
mod ch_uid;
mod ch_vat;
mod checksum;
mod cl_rut;
mod cn_mobile;
mod cn_org_code;
mod cn_ric;
mod cn_uscc;
mod co_nit;
mod container_number;
mod creditor_reference;
mod cu_ni;
mod cusip;
mod customs_mrn;
mod cy_vat;
mod cz_account;
mod cz_dic;
mod de_fuehrerschein;
mod de_ik;
mod de_kvnr;
mod de_lanr;
mod de_leitweg_id;
mod de_malo;
mod de_personalausweis;
mod de_rvnr;
mod de_steuer_id;
mod de_ust_idnr;
mod dk_cpr;
mod dk_cvr;
mod dk_ean_lokation;
mod do_rnc;
mod ean13;
mod ec_ci;
mod ec_ruc;
mod ee_kmkr;
mod ee_registrikood;
mod eg_nid;
mod email;
mod es_catastral;
mod es_ccc;
mod es_cif;
mod es_cups;
mod es_dni;
mod es_nie;
mod es_nif;
mod es_nuss;
mod ethereum_address;
mod eu_banknote;
mod eu_ec_number;
mod eu_eic;
mod eu_sepa_creditor;
mod fi_hetu;
mod fi_ytunnus;
mod figi;
mod fr_nif;
mod fr_nir;
mod fr_rib;
mod fr_siren;
mod fr_siret;
mod fr_tva;
mod gb_chi;
mod gb_driving_licence;
mod gb_hcn;
mod gb_mpan;
mod gb_nhs;
mod gb_nino;
mod gb_upn;
mod gb_utr;
mod gb_vat;
mod gh_tin;
mod gr_afm;
mod gr_amka;
mod grid;
mod gs1;
mod gt_dpi;
mod gt_nit;
mod hk_hkid;
mod hu_account;
mod hu_adoazonosito;
mod hu_adoszam;
mod hu_oktatasi;
mod hu_szemelyi;
mod hu_taj;
mod iban;
mod ico;
mod id_nik;
mod id_npwp;
mod ie_pps;
mod ie_vat;
mod il_id;
mod imei;
mod imo_number;
mod in_aadhaar;
mod in_epic;
mod in_gstin;
mod in_pan;
mod in_vid;
mod ipv4_private;
mod ipv4_public;
mod ipv6;
mod ir_melli;
mod ir_shenase;
mod is_kennitala;
mod isan;
mod isbn;
mod isin;
mod iso7064_mod11_10;
mod iso7064_mod11_2;
mod iso7064_mod97_10;
mod issn;
mod iswc;
mod it_aic;
mod it_codice_fiscale;
mod it_iva;
mod jmbg;
mod jp_corporate_number;
mod jp_driving_licence;
mod jp_juminhyo;
mod jp_my_number;
mod jwt;
mod kg_pin;
mod kr_brn;
mod kr_crn;
mod kr_frn;
mod kr_rrn;
mod kw_civil_id;
mod kz_bin;
mod kz_iin;
mod lei;
mod lk_nic;
mod lt_company;
mod lt_pvm;
mod lu_matricule;
mod lu_tva;
mod luhn;
mod lv_pk;
mod lv_pvn;
mod ma_ice;
mod md_idno;
mod me_pib;
mod mgrs;
mod mixed_token;
mod mk_edb;
mod mn_register;
mod mrz_td3;
mod mt_vat;
mod mu_nid;
mod mx_clabe;
mod mx_curp;
mod mx_rfc;
mod my_mykad;
mod mz_nuit;
mod na_id;
mod nl_bsn;
mod nl_btw;
mod nl_onderwijsnummer;
mod no_duf;
mod no_fodselsnummer;
mod no_kontonr;
mod no_orgnr;
mod nz_bankaccount;
mod nz_ird;
mod nz_nhi;
mod nz_nzbn;
mod payment_card;
mod pe_cui;
mod pe_ruc;
mod phone_e164;
mod pl_dowod;
mod pl_kw;
mod pl_nip;
mod pl_nrb;
mod pl_pesel;
mod pl_pwz;
mod pl_regon;
mod pt_cc;
mod pt_nib;
mod pt_nif;
mod pt_niss;
mod py_ruc;
mod random_token;
mod ro_cnp;
mod ro_cui;
mod ro_onrc;
mod rodne_cislo;
mod rs_account;
mod ru_inn;
mod ru_ogrn;
mod ru_okpo;
mod ru_snils;
mod sa_national_id;
mod se_giro;
mod se_orgnr;
mod se_personnummer;
mod se_vat;
mod secret_said;
mod secret_value;
mod sedol;
mod sg_nric;
mod sg_plate;
mod sg_uen;
mod si_davcna;
mod si_maticna;
mod sk_account;
mod sk_dic;
mod sn_ninea;
mod stellar_key;
mod sv_dui;
mod sv_nit;
mod th_pin;
mod tn_mf;
mod token_crc32;
mod tr_tckn;
mod tr_vkn;
mod tw_id;
mod tw_ubn;
mod tz_nida;
mod ua_edrpou;
mod ua_rnokpp;
mod ua_unzr;
mod ua_vat;
mod upu_s10;
mod us_aba_routing;
mod us_dea;
mod us_ein;
mod us_itin;
mod us_npi;
mod us_phone;
mod us_ssn;
mod uy_rut;
mod uz_pinfl;
mod ve_rif;
mod verhoeff;
mod vin;
mod vn_cccd;
mod vn_mst;
mod xrp_base58check;
mod za_id;
mod zw_id;

/// A named check. `check` gets the value with the rule's separators removed, and may get any text at all.
pub struct Validator {
    pub name: &'static str,
    /// Where the algorithm is specified.
    pub source: &'static str,
    pub check: fn(&str) -> bool,
    /// Values that must pass; generated, nobody's.
    pub valid: &'static [&'static str],
    /// Values that must fail.
    pub invalid: &'static [&'static str],
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every validator, by name. A new one is a file and a line here.
pub const VALIDATORS: &[&Validator] = &[
    &ad_nrt::VALIDATOR,
    &ae_eid::VALIDATOR,
    &air_waybill::VALIDATOR,
    &al_nid::VALIDATOR,
    &ar_cbu::VALIDATOR,
    &ar_cuit::VALIDATOR,
    &at_svnr::VALIDATOR,
    &at_tin::VALIDATOR,
    &at_uid::VALIDATOR,
    &au_abn::VALIDATOR,
    &au_acn::VALIDATOR,
    &au_medicare::VALIDATOR,
    &au_provider::VALIDATOR,
    &au_tfn::VALIDATOR,
    &aws_key_id::VALIDATOR,
    &az_voen::VALIDATOR,
    &baltic_personal_code::VALIDATOR,
    &base58check::VALIDATOR,
    &be_bis::VALIDATOR,
    &be_mod97::VALIDATOR,
    &be_nn::VALIDATOR,
    &be_ssn::VALIDATOR,
    &be_vat::VALIDATOR,
    &bech32::VALIDATOR,
    &bg_egn::VALIDATOR,
    &bg_eik::VALIDATOR,
    &bg_lnch::VALIDATOR,
    &bg_vat::VALIDATOR,
    &bic::VALIDATOR,
    &bitcoin_address::VALIDATOR,
    &br_cnh::VALIDATOR,
    &br_cnpj::VALIDATOR,
    &br_cns::VALIDATOR,
    &br_cpf::VALIDATOR,
    &br_pis::VALIDATOR,
    &br_renavam::VALIDATOR,
    &br_titulo::VALIDATOR,
    &by_pn::VALIDATOR,
    &by_unp::VALIDATOR,
    &ca_bc_phn::VALIDATOR,
    &ca_bn::VALIDATOR,
    &ca_sin::VALIDATOR,
    &cas_number::VALIDATOR,
    &cashaddr::VALIDATOR,
    &ch_esr::VALIDATOR,
    &ch_uid::VALIDATOR,
    &ch_vat::VALIDATOR,
    &cl_rut::VALIDATOR,
    &cn_mobile::VALIDATOR,
    &cn_org_code::VALIDATOR,
    &cn_ric::VALIDATOR,
    &cn_uscc::VALIDATOR,
    &co_nit::VALIDATOR,
    &container_number::VALIDATOR,
    &creditor_reference::VALIDATOR,
    &cu_ni::VALIDATOR,
    &cusip::VALIDATOR,
    &customs_mrn::VALIDATOR,
    &cy_vat::VALIDATOR,
    &cz_account::VALIDATOR,
    &cz_dic::VALIDATOR,
    &de_fuehrerschein::VALIDATOR,
    &de_ik::VALIDATOR,
    &de_kvnr::VALIDATOR,
    &de_lanr::VALIDATOR,
    &de_leitweg_id::VALIDATOR,
    &de_malo::VALIDATOR,
    &de_personalausweis::VALIDATOR,
    &de_rvnr::VALIDATOR,
    &de_steuer_id::VALIDATOR,
    &de_ust_idnr::VALIDATOR,
    &dk_cpr::VALIDATOR,
    &dk_cvr::VALIDATOR,
    &dk_ean_lokation::VALIDATOR,
    &do_rnc::VALIDATOR,
    &ean13::VALIDATOR,
    &ec_ci::VALIDATOR,
    &ec_ruc::VALIDATOR,
    &ee_kmkr::VALIDATOR,
    &ee_registrikood::VALIDATOR,
    &eg_nid::VALIDATOR,
    &email::VALIDATOR,
    &es_catastral::VALIDATOR,
    &es_ccc::VALIDATOR,
    &es_cif::VALIDATOR,
    &es_cups::VALIDATOR,
    &es_dni::VALIDATOR,
    &es_nie::VALIDATOR,
    &es_nif::VALIDATOR,
    &es_nuss::VALIDATOR,
    &ethereum_address::VALIDATOR,
    &eu_banknote::VALIDATOR,
    &eu_ec_number::VALIDATOR,
    &eu_eic::VALIDATOR,
    &eu_sepa_creditor::VALIDATOR,
    &fi_hetu::VALIDATOR,
    &fi_ytunnus::VALIDATOR,
    &figi::VALIDATOR,
    &fr_nif::VALIDATOR,
    &fr_nir::VALIDATOR,
    &fr_rib::VALIDATOR,
    &fr_siren::VALIDATOR,
    &fr_siret::VALIDATOR,
    &fr_tva::VALIDATOR,
    &gb_chi::VALIDATOR,
    &gb_driving_licence::VALIDATOR,
    &gb_hcn::VALIDATOR,
    &gb_mpan::VALIDATOR,
    &gb_nhs::VALIDATOR,
    &gb_nino::VALIDATOR,
    &gb_upn::VALIDATOR,
    &gb_utr::VALIDATOR,
    &gb_vat::VALIDATOR,
    &gh_tin::VALIDATOR,
    &gr_afm::VALIDATOR,
    &gr_amka::VALIDATOR,
    &grid::VALIDATOR,
    &gs1::VALIDATOR,
    &gt_dpi::VALIDATOR,
    &gt_nit::VALIDATOR,
    &hk_hkid::VALIDATOR,
    &hu_account::VALIDATOR,
    &hu_adoazonosito::VALIDATOR,
    &hu_adoszam::VALIDATOR,
    &hu_oktatasi::VALIDATOR,
    &hu_szemelyi::VALIDATOR,
    &hu_taj::VALIDATOR,
    &iban::VALIDATOR,
    &ico::VALIDATOR,
    &id_nik::VALIDATOR,
    &id_npwp::VALIDATOR,
    &ie_pps::VALIDATOR,
    &ie_vat::VALIDATOR,
    &il_id::VALIDATOR,
    &imei::VALIDATOR,
    &imo_number::VALIDATOR,
    &in_aadhaar::VALIDATOR,
    &in_epic::VALIDATOR,
    &in_gstin::VALIDATOR,
    &in_pan::VALIDATOR,
    &in_vid::VALIDATOR,
    &ipv4_private::VALIDATOR,
    &ipv4_public::VALIDATOR,
    &ipv6::VALIDATOR,
    &ir_melli::VALIDATOR,
    &ir_shenase::VALIDATOR,
    &is_kennitala::VALIDATOR,
    &isan::VALIDATOR,
    &isbn::VALIDATOR,
    &isin::VALIDATOR,
    &iso7064_mod11_10::VALIDATOR,
    &iso7064_mod11_2::VALIDATOR,
    &iso7064_mod97_10::VALIDATOR,
    &issn::VALIDATOR,
    &iswc::VALIDATOR,
    &it_aic::VALIDATOR,
    &it_codice_fiscale::VALIDATOR,
    &it_iva::VALIDATOR,
    &jmbg::VALIDATOR,
    &jp_corporate_number::VALIDATOR,
    &jp_driving_licence::VALIDATOR,
    &jp_juminhyo::VALIDATOR,
    &jp_my_number::VALIDATOR,
    &jwt::VALIDATOR,
    &kg_pin::VALIDATOR,
    &kr_brn::VALIDATOR,
    &kr_crn::VALIDATOR,
    &kr_frn::VALIDATOR,
    &kr_rrn::VALIDATOR,
    &kw_civil_id::VALIDATOR,
    &kz_bin::VALIDATOR,
    &kz_iin::VALIDATOR,
    &lei::VALIDATOR,
    &lk_nic::VALIDATOR,
    &lt_company::VALIDATOR,
    &lt_pvm::VALIDATOR,
    &lu_matricule::VALIDATOR,
    &lu_tva::VALIDATOR,
    &luhn::VALIDATOR,
    &lv_pk::VALIDATOR,
    &lv_pvn::VALIDATOR,
    &ma_ice::VALIDATOR,
    &md_idno::VALIDATOR,
    &me_pib::VALIDATOR,
    &mgrs::VALIDATOR,
    &mixed_token::VALIDATOR,
    &mk_edb::VALIDATOR,
    &mn_register::VALIDATOR,
    &mrz_td3::VALIDATOR,
    &mt_vat::VALIDATOR,
    &mu_nid::VALIDATOR,
    &mx_clabe::VALIDATOR,
    &mx_curp::VALIDATOR,
    &mx_rfc::VALIDATOR,
    &my_mykad::VALIDATOR,
    &mz_nuit::VALIDATOR,
    &na_id::VALIDATOR,
    &nl_bsn::VALIDATOR,
    &nl_btw::VALIDATOR,
    &nl_onderwijsnummer::VALIDATOR,
    &no_duf::VALIDATOR,
    &no_fodselsnummer::VALIDATOR,
    &no_kontonr::VALIDATOR,
    &no_orgnr::VALIDATOR,
    &nz_bankaccount::VALIDATOR,
    &nz_ird::VALIDATOR,
    &nz_nhi::VALIDATOR,
    &nz_nzbn::VALIDATOR,
    &payment_card::VALIDATOR,
    &pe_cui::VALIDATOR,
    &pe_ruc::VALIDATOR,
    &phone_e164::VALIDATOR,
    &pl_dowod::VALIDATOR,
    &pl_kw::VALIDATOR,
    &pl_nip::VALIDATOR,
    &pl_nrb::VALIDATOR,
    &pl_pesel::VALIDATOR,
    &pl_pwz::VALIDATOR,
    &pl_regon::VALIDATOR,
    &pt_cc::VALIDATOR,
    &pt_nib::VALIDATOR,
    &pt_nif::VALIDATOR,
    &pt_niss::VALIDATOR,
    &py_ruc::VALIDATOR,
    &random_token::VALIDATOR,
    &ro_cnp::VALIDATOR,
    &ro_cui::VALIDATOR,
    &ro_onrc::VALIDATOR,
    &rodne_cislo::VALIDATOR,
    &rs_account::VALIDATOR,
    &ru_inn::VALIDATOR,
    &ru_ogrn::VALIDATOR,
    &ru_okpo::VALIDATOR,
    &ru_snils::VALIDATOR,
    &sa_national_id::VALIDATOR,
    &se_giro::VALIDATOR,
    &se_orgnr::VALIDATOR,
    &se_personnummer::VALIDATOR,
    &se_vat::VALIDATOR,
    &secret_said::VALIDATOR,
    &secret_value::VALIDATOR,
    &sedol::VALIDATOR,
    &sg_nric::VALIDATOR,
    &sg_plate::VALIDATOR,
    &sg_uen::VALIDATOR,
    &si_davcna::VALIDATOR,
    &si_maticna::VALIDATOR,
    &sk_account::VALIDATOR,
    &sk_dic::VALIDATOR,
    &sn_ninea::VALIDATOR,
    &stellar_key::VALIDATOR,
    &sv_dui::VALIDATOR,
    &sv_nit::VALIDATOR,
    &th_pin::VALIDATOR,
    &tn_mf::VALIDATOR,
    &token_crc32::VALIDATOR,
    &tr_tckn::VALIDATOR,
    &tr_vkn::VALIDATOR,
    &tw_id::VALIDATOR,
    &tw_ubn::VALIDATOR,
    &tz_nida::VALIDATOR,
    &ua_edrpou::VALIDATOR,
    &ua_rnokpp::VALIDATOR,
    &ua_unzr::VALIDATOR,
    &ua_vat::VALIDATOR,
    &upu_s10::VALIDATOR,
    &us_aba_routing::VALIDATOR,
    &us_dea::VALIDATOR,
    &us_ein::VALIDATOR,
    &us_itin::VALIDATOR,
    &us_npi::VALIDATOR,
    &us_phone::VALIDATOR,
    &us_ssn::VALIDATOR,
    &uy_rut::VALIDATOR,
    &uz_pinfl::VALIDATOR,
    &ve_rif::VALIDATOR,
    &verhoeff::VALIDATOR,
    &vin::VALIDATOR,
    &vn_cccd::VALIDATOR,
    &vn_mst::VALIDATOR,
    &xrp_base58check::VALIDATOR,
    &za_id::VALIDATOR,
    &zw_id::VALIDATOR,
];

/// The validator of that name.
pub fn find(name: &str) -> Option<&'static Validator> {
    VALIDATORS.iter().find(|v| v.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn samples_are_judged_as_declared() {
        for validator in VALIDATORS {
            assert!(!validator.valid.is_empty() && !validator.invalid.is_empty(), "{validator:?} has no samples");
            for sample in validator.valid {
                assert!((validator.check)(sample), "{validator:?} must accept {sample}");
            }
            for sample in validator.invalid {
                assert!(!(validator.check)(sample), "{validator:?} must refuse {sample}");
            }
        }
    }

    #[test]
    fn names_are_unique_sorted_and_found() {
        assert!(VALIDATORS.is_sorted_by(|a, b| a.name < b.name), "validators are sorted by name");
        for validator in VALIDATORS {
            assert_eq!(find(validator.name).map(|v| v.name), Some(validator.name));
        }
        assert!(find("no_such_validator").is_none());
    }

    #[test]
    fn every_file_beside_this_one_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/detect/validator");
        for entry in std::fs::read_dir(folder).expect("the folder is part of the crate") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_stem().expect("a file").to_str().expect("UTF-8").to_owned();
            assert!(name == "checksum" || find(&name).is_some(), "{name}.rs is not in VALIDATORS");
        }
    }

    /// Texts that have tripped checks written with indices: empty, cut short, not ASCII, long.
    #[test]
    fn no_text_makes_a_validator_panic() {
        let long = "9".repeat(5000);
        for validator in VALIDATORS {
            for text in
                ["", "1", "é", "１２３４５６７８９０１", "\u{1f600}", "a@", "@.", "0x", "bc1", "-", "---", &long]
            {
                (validator.check)(text);
            }
            for sample in validator.valid {
                for (cut, c) in sample.char_indices() {
                    let (before, behind) = (&sample[..cut], &sample[cut + c.len_utf8()..]);
                    (validator.check)(before);
                    (validator.check)(&format!("{before}é{behind}"));
                    (validator.check)(&format!("{before}\0{behind}"));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_makes_no_validator_panic(text in ".{0,64}", shape in "[0-9A-Za-z<.@:é-]{0,48}") {
            for validator in VALIDATORS {
                (validator.check)(&text);
                (validator.check)(&shape);
            }
        }
    }
}
